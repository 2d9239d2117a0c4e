package dev.gatehold;

import dev.gatehold.digest.Json;
import java.util.Map;

/**
 * Something to do before an allowed call runs.
 *
 * @param id unique within the answer
 * @param type what to do
 * @param properties its parameters, as {@link Json#parseObject(String, String)} returns them
 */
public record Obligation(String id, String type, Map<String, Object> properties) {

    /**
     * Reads one.
     *
     * @throws IllegalArgumentException when it lacks its id or type, or its properties are no JSON object
     */
    static Obligation of(dev.gatehold.v1.Obligation sent) {
        if (sent.getId().isEmpty() || sent.getType().isEmpty()) {
            throw new IllegalArgumentException("an obligation lacks its id or type");
        }
        return new Obligation(sent.getId(), sent.getType(), Json.parseObject(sent.getPropertiesJson(), "properties"));
    }
}
