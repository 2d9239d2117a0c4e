package dev.gatehold.digest;

/** How much JSON one call may carry. */
public final class Limits {
    /** Bytes of UTF-8, arguments and context together. */
    public static final int MAX_BYTES = 256 * 1024;

    /** Containers inside one another; {@code {}} has depth 1. */
    public static final int MAX_DEPTH = 16;

    /** Keys of one object, or items of one array. */
    public static final int MAX_ITEMS = 1_000;

    /** Magnitude of a number; beyond it doubles skip integers (RFC 7493, section 2.2). */
    public static final long MAX_NUMBER = (1L << 53) - 1;

    private Limits() {}
}
