package dev.gatehold;

import java.util.List;
import java.util.Map;

/**
 * The arguments that a call runs with. Whatever is asked for and is not there, or is of another type, is an
 * IllegalArgumentException: an approver may have edited them.
 */
public final class Arguments {
    private final Map<String, Object> values;
    private final String approvalId;

    Arguments(Map<String, Object> values, String approvalId) {
        this.values = values;
        this.approvalId = approvalId;
    }

    /**
     * Names the approval that the call runs under. It is also the idempotency key to hand on: one approved call has one
     * id, however often it has to be tried.
     *
     * @return empty where the call needed none
     */
    public String approvalId() {
        return approvalId;
    }

    /**
     * Gives all of them.
     *
     * @return unmodifiable; built of Map, List, String, Boolean, null, Long for whole numbers and Double for the others
     */
    public Map<String, Object> asMap() {
        return values;
    }

    /**
     * Tells whether one is there and is not null.
     *
     * @param name of the argument
     * @return whether it can be asked for
     */
    public boolean has(String name) {
        return values.get(name) != null;
    }

    /**
     * Gives a string.
     *
     * @param name of the argument
     * @return the value
     */
    public String text(String name) {
        return value(name, String.class);
    }

    /**
     * Gives a whole number.
     *
     * @param name of the argument
     * @return within ±(2^53-1)
     */
    public long integer(String name) {
        return value(name, Long.class);
    }

    /**
     * Gives a number, whole or not.
     *
     * @param name of the argument
     * @return within ±(2^53-1)
     */
    public double number(String name) {
        return value(name, Number.class).doubleValue();
    }

    /**
     * Gives true or false.
     *
     * @param name of the argument
     * @return the value
     */
    public boolean flag(String name) {
        return value(name, Boolean.class);
    }

    /**
     * Gives a JSON array.
     *
     * @param name of the argument
     * @return unmodifiable
     */
    public List<?> list(String name) {
        return value(name, List.class);
    }

    /**
     * Gives a JSON object.
     *
     * @param name of the argument
     * @return its members
     */
    @SuppressWarnings("unchecked") // a JSON object has no other keys
    public Arguments object(String name) {
        return new Arguments(value(name, Map.class), approvalId);
    }

    private <T> T value(String name, Class<T> type) {
        Object value = values.get(name);
        if (!type.isInstance(value)) {
            String found =
                    value == null ? "absent or null" : "a " + value.getClass().getSimpleName();
            throw new IllegalArgumentException(name + " is " + found + ", not a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    /** Names only: values may be secret, and this text ends up in logs. */
    @Override
    public String toString() {
        return "Arguments" + values.keySet();
    }
}
