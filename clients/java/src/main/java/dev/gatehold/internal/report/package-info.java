/** What a guard tells of its runs, sent in the background until it is taken. Not for use outside of this library. */
package dev.gatehold.internal.report;
