package dev.gatehold;

import dev.gatehold.internal.report.Background;
import dev.gatehold.internal.report.Reports;
import dev.gatehold.internal.sidecar.BootClock;
import dev.gatehold.internal.sidecar.Connection;
import java.time.Duration;

/**
 * What the guarded functions of one guard share.
 *
 * @param renewal how often a claim is renewed while its call runs
 * @param recordErrorText whether the text of an exception is told, not only its type
 */
record Parts(
        Connection connection,
        Gate gate,
        Approvals approvals,
        Obligations obligations,
        Reading reading,
        BootClock clock,
        Reports reports,
        Background background,
        Duration renewal,
        boolean recordErrorText) {}
