package dev.gatehold;

import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The obligations that a guard can meet. */
final class Obligations {
    private static final System.Logger LOG = System.getLogger("gatehold.obligation");

    private final Map<String, ObligationHandler> handlers = new HashMap<>(Map.of("notification", Obligations::notice));

    Obligations(Map<String, ObligationHandler> handlers) {
        this.handlers.putAll(handlers);
    }

    boolean knows(Obligation obligation) {
        return handlers.containsKey(obligation.type());
    }

    /** Meets every one. Returns what could not be met, or the empty text. */
    String unmet(List<Obligation> obligations) {
        for (Obligation obligation : obligations) {
            String name = "the obligation " + obligation.type() + " of policy " + obligation.id();
            if (!knows(obligation)) {
                return name + " is not known here";
            }
            try {
                handlers.get(obligation.type()).meet(obligation);
            } catch (Exception error) {
                LOG.log(Level.WARNING, "{0} failed: {1}", name, error.getClass().getName());
                return name + " could not be met";
            }
        }
        return "";
    }

    private static void notice(Obligation obligation) {
        LOG.log(Level.INFO, "policy {0} asks for notice of this call: {1}", obligation.id(), obligation.properties());
    }
}
