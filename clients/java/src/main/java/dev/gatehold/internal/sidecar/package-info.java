/** Where the sidecar is, whose it is, and the connection to it. Not for use outside of this library. */
package dev.gatehold.internal.sidecar;
