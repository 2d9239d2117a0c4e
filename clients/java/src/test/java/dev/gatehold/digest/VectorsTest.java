package dev.gatehold.digest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** The vectors that every language's client shares. Maven runs tests in the folder of pom.xml. */
class VectorsTest {
    private static final Path FOLDER = Path.of("../../tests/cases/digest");

    @Test
    void theVectorsAreThere() throws IOException {
        assertTrue(cases("accept").size() > 40);
        assertTrue(cases("refuse").size() > 70);
    }

    @TestFactory
    Stream<DynamicTest> accepted() throws IOException {
        return cases("accept").stream()
                .map(vector -> named(vector, () -> {
                    String text = vector.get("text").getAsString();
                    Map<String, Object> value = Json.parseObject(text, "args_json");
                    assertEquals(vector.get("canonical").getAsString(), Json.canonical(value, "args_json"));
                    assertEquals(vector.get("sha256").getAsString(), Json.digest(value));
                    assertEquals(value, Json.parseObject(text.getBytes(StandardCharsets.UTF_8), "args_json"));
                }));
    }

    @TestFactory
    Stream<DynamicTest> refused() throws IOException {
        return cases("refuse").stream()
                .map(vector -> named(vector, () -> {
                    if (vector.has("bytes_hex")) {
                        assertRefused(
                                HexFormat.of().parseHex(vector.get("bytes_hex").getAsString()));
                    } else {
                        String text = vector.get("text").getAsString();
                        assertRefused(text.getBytes(StandardCharsets.UTF_8));
                        Exception error =
                                assertThrows(InvalidInputException.class, () -> Json.parseObject(text, "args_json"));
                        assertTrue(error.getMessage().length() < 200);
                    }
                }));
    }

    private static void assertRefused(byte[] text) {
        InvalidInputException error =
                assertThrows(InvalidInputException.class, () -> Json.parseObject(text, "args_json"));
        assertEquals("args_json", error.field());
    }

    private static DynamicTest named(JsonObject vector, Executable check) {
        return DynamicTest.dynamicTest(vector.get("name").getAsString(), check);
    }

    private static List<JsonObject> cases(String kind) throws IOException {
        List<JsonObject> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(FOLDER)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".json"))
                    .sorted()
                    .toList()) {
                JsonObject all = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
                for (JsonElement vector : all.getAsJsonArray(kind)) {
                    found.add(vector.getAsJsonObject());
                }
            }
        }
        return found;
    }
}
