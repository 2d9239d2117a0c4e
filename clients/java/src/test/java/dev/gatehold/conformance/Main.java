package dev.gatehold.conformance;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.gatehold.Answer;
import dev.gatehold.ApprovalCancelledException;
import dev.gatehold.ApprovalDeniedException;
import dev.gatehold.ApprovalExpiredException;
import dev.gatehold.ApprovalPendingException;
import dev.gatehold.ApprovalRefusedException;
import dev.gatehold.Arguments;
import dev.gatehold.BlockedException;
import dev.gatehold.Guard;
import dev.gatehold.GuardBuilder;
import dev.gatehold.NotAllowedException;
import dev.gatehold.Options;
import dev.gatehold.digest.InvalidInputException;
import dev.gatehold.digest.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/**
 * Makes one guarded call for the tests that every language's client shares: reads one JSON object from standard input
 * and prints one JSON line.
 */
public final class Main {
    private static final Map<Class<?>, String> RESULTS = Map.of(
            BlockedException.class, "blocked",
            ApprovalPendingException.class, "pending",
            ApprovalDeniedException.class, "denied",
            ApprovalExpiredException.class, "expired",
            ApprovalCancelledException.class, "cancelled",
            ApprovalRefusedException.class, "refused");

    private final JsonObject asked;
    private final JsonObject told = new JsonObject();

    private Main(JsonObject asked) {
        this.asked = asked;
        told.addProperty("result", "");
        told.addProperty("reason_code", "");
        told.addProperty("source", "");
        told.addProperty("args_digest", "");
        told.addProperty("runs", 0);
        told.add("ran_with", JsonNull.INSTANCE);
        told.addProperty("waited", false);
        told.add("digests", new JsonArray());
    }

    /**
     * Carries out what standard input asks.
     *
     * @param args none
     * @throws IOException when standard input cannot be read
     */
    public static void main(String[] args) throws IOException {
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        Main main = new Main(JsonParser.parseString(text).getAsJsonObject());
        main.carryOut();
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.println(main.told);
    }

    private void carryOut() {
        if (text("operation").equals("digests")) {
            digests();
            return;
        }
        try (Guard guard = guard()) {
            Map<String, Object> args = Json.parseObject(text("args_json"), "args");
            if (text("operation").equals("evaluate")) {
                tell(guard.evaluate(text("verb"), args, options()));
            } else {
                protect(guard, args);
            }
        } catch (InvalidInputException error) {
            told.addProperty("result", text("operation").equals("evaluate") ? "block" : "blocked");
            told.addProperty("reason_code", "refused");
            told.addProperty("source", "fail_closed");
        }
    }

    private Guard guard() {
        GuardBuilder builder = Guard.builder().target(text("target"));
        if (isGiven("deadline_seconds")) {
            builder.deadline(seconds("deadline_seconds"));
        }
        for (JsonElement type : list("handlers")) {
            builder.handler(type.getAsString(), obligation -> {});
        }
        return builder.open();
    }

    private Options options() {
        Options options = Options.none()
                .withContext(Json.parseObject(text("context_json"), "context"))
                .withOnBehalfOf(text("on_behalf_of"))
                .withToolDefinitionDigest(text("tool_definition_digest"))
                .withJustification(text("justification"))
                .withOnWait(approval -> told.addProperty("waited", true));
        return isGiven("timeout_seconds") ? options.withTimeout(seconds("timeout_seconds")) : options;
    }

    private void digests() {
        JsonArray digests = new JsonArray();
        for (JsonElement text : list("texts")) {
            digests.add(digest(Base64.getDecoder().decode(text.getAsString())));
        }
        told.add("digests", digests);
    }

    private static JsonElement digest(byte[] text) {
        try {
            return new JsonPrimitive(Json.digest(Json.parseObject(text, "args_json")));
        } catch (InvalidInputException error) {
            return JsonNull.INSTANCE;
        }
    }

    private void protect(Guard guard, Map<String, Object> args) {
        try {
            guard.protect(text("verb"), options(), this::run).call(args);
            told.addProperty("result", "ran");
        } catch (NotAllowedException error) {
            tell(error.answer());
            told.addProperty("result", RESULTS.get(error.getClass()));
        } catch (IllegalStateException error) {
            told.addProperty("result", "failed");
        }
    }

    private Void run(Arguments arguments) {
        told.addProperty("runs", told.get("runs").getAsInt() + 1);
        told.add("ran_with", JsonParser.parseString(Json.canonical(arguments.asMap(), "ran_with")));
        told.addProperty("args_digest", Json.digest(arguments.asMap()));
        if (asked.has("fails") && asked.get("fails").getAsBoolean()) {
            throw new IllegalStateException("told to fail");
        }
        return null;
    }

    private void tell(Answer answer) {
        told.addProperty("result", word(answer.decision().name(), "DECISION_"));
        told.addProperty("reason_code", word(answer.reasonCode().name(), "REASON_CODE_"));
        told.addProperty("source", word(answer.source().name(), "DECISION_SOURCE_"));
        told.addProperty("args_digest", answer.argsDigest());
    }

    private static String word(String name, String prefix) {
        return name.substring(prefix.length()).toLowerCase(Locale.ROOT);
    }

    private boolean isGiven(String member) {
        return asked.has(member) && !asked.get(member).isJsonNull();
    }

    private String text(String member) {
        return isGiven(member) ? asked.get(member).getAsString() : "";
    }

    private JsonArray list(String member) {
        return isGiven(member) ? asked.getAsJsonArray(member) : new JsonArray();
    }

    private Duration seconds(String member) {
        return Duration.ofNanos((long) (asked.get(member).getAsDouble() * 1e9));
    }
}
