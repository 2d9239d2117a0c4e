package dev.gatehold;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A scripted gate and a guard in front of it. */
abstract class GateTest {
    static final String VERB = ScriptedGate.VERB;

    @TempDir
    Path folder;

    ScriptedGate gate;
    Guard guard;

    @BeforeEach
    void open() throws IOException {
        gate = new ScriptedGate(folder);
        guard = gate.guard().open();
    }

    @AfterEach
    void close() throws Exception {
        guard.close();
        gate.close();
    }
}
