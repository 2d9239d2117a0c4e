package dev.gatehold;

import dev.gatehold.digest.InvalidInputException;
import dev.gatehold.digest.Json;
import dev.gatehold.v1.EvaluateRequest;
import dev.gatehold.v1.Intent;
import dev.gatehold.v1.RequestApprovalRequest;
import java.util.Map;

/**
 * One call as it is decided on: what happens to the caller's own objects afterwards does not matter.
 *
 * @param args parsed back from {@code argsJson}
 * @param argsDigest what every answer must be about
 * @param contextJson empty where there is no context
 * @param contextDigest of the empty object there
 */
record FrozenCall(
        String verb,
        String argsJson,
        Map<String, Object> args,
        String argsDigest,
        String contextJson,
        String contextDigest,
        Options options) {

    /**
     * Freezes a call.
     *
     * @throws InvalidInputException when arguments or context are not JSON or out of bounds, or a text has no UTF-8
     *     form
     */
    static FrozenCall of(String verb, Map<String, ?> args, Options options) {
        String argsJson = Json.canonical(args, "args");
        Map<String, Object> frozen = Json.parseObject(argsJson, "args");
        String contextJson = options.context().isEmpty() ? "" : Json.canonical(options.context(), "context");
        Json.requireText(verb, "verb");
        Json.requireText(options.onBehalfOf(), "on_behalf_of");
        Json.requireText(options.requestId(), "request_id");
        Json.requireText(options.toolDefinitionDigest(), "tool_definition_digest");
        Json.requireText(options.justification(), "justification");
        return new FrozenCall(
                verb, argsJson, frozen, Json.digest(frozen), contextJson, Json.digest(options.context()), options);
    }

    EvaluateRequest evaluateRequest() {
        return EvaluateRequest.newBuilder()
                .setVerb(verb)
                .setArgsJson(argsJson)
                .setContextJson(contextJson)
                .setIntent(options.preflight() ? Intent.INTENT_PREFLIGHT : Intent.INTENT_EXECUTE)
                .setOnBehalfOf(options.onBehalfOf())
                .setRequestId(options.requestId())
                .setToolDefinitionDigest(options.toolDefinitionDigest())
                .build();
    }

    RequestApprovalRequest approvalRequest() {
        return RequestApprovalRequest.newBuilder()
                .setVerb(verb)
                .setArgsJson(argsJson)
                .setContextJson(contextJson)
                .setOnBehalfOf(options.onBehalfOf())
                .setRequestId(options.requestId())
                .setToolDefinitionDigest(options.toolDefinitionDigest())
                .setJustification(options.justification())
                .build();
    }
}
