/**
 * Guards: ask the sidecar, run only what it allows, fail closed on everything else. {@link dev.gatehold.Guard} is where
 * to begin.
 */
package dev.gatehold;
