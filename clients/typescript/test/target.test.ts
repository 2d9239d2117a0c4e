import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Guard, InvalidInput } from "gatehold";
import { passed } from "../src/boottime.js";
import { distrust } from "../src/peer.js";
import { resolve } from "../src/target.js";

const folder = mkdtempSync(join(tmpdir(), "gatehold-"));
const path = join(folder, "agent.sock");
let server: Server;

before(async () => {
  server = createServer((socket) => socket.destroy());
  await new Promise<void>((listening) => server.listen(path, listening));
});
after(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe("a target that is not local is refused", () => {
  const long = `unix:/tmp/${"x".repeat(120)}`;
  const far = [
    "example.com:80",
    "10.0.0.1:80",
    "0.0.0.0:80",
    "[2001:db8::1]:80",
    "localhost.example:1",
    "http://localhost:1",
  ];
  const odd = [
    "",
    "unix:",
    "unix://host/x",
    "unix:a%2fb",
    "unix:a?b",
    "unix:a#b",
    "unix:a\0b",
    long,
    "localhost",
    "127.0.0.1:0",
  ];
  const wrong = ["127.0.0.1:99999", "127.1:80", "::1:80", "localhost:80/x", "user@localhost:80"];
  for (const target of [...far, ...odd, ...wrong]) {
    test(JSON.stringify(target), () => assert.throws(() => resolve({ target }), InvalidInput));
  }
});

describe("a target on this host is taken", () => {
  for (const target of [
    "unix:.gatehold/agent.sock",
    "unix:///run/g/a.sock",
    "127.0.0.1:1",
    "127.9.9.9:1",
    "[::1]:1",
    "localhost:1",
  ]) {
    test(target, () => assert.equal(resolve({ target }).authorization, ""));
  }
});

describe("whose socket it is", () => {
  test("mine may be used", () => assert.equal(distrust(path), ""));

  test("none is there", () => assert.match(distrust(join(folder, "other.sock")), /start the sidecar/));

  test("a file is none", () => {
    const file = join(folder, "file");
    writeFileSync(file, "");
    assert.match(distrust(file), /not a socket/);
  });

  test("a link to one is refused", () => {
    const link = join(folder, "link.sock");
    symlinkSync(path, link);
    assert.match(distrust(link), /not a socket/);
  });

  for (const mode of [0o770, 0o707, 0o1777]) {
    test(`a folder of mode ${mode.toString(8)} is refused`, () => {
      chmodSync(folder, mode);
      try {
        assert.match(distrust(path), /chmod go-w/);
        assert.throws(() => resolve({ target: `unix:${path}` }).connect(), /chmod go-w/);
      } finally {
        chmodSync(folder, 0o700);
      }
    });
  }

  test("another user's is refused, unless it is the sidecar's", { skip: process.getuid?.() !== 0 }, async () => {
    const shared = join(folder, "foreign");
    mkdirSync(shared);
    const { chown, lchown } = await import("node:fs/promises");
    const foreign = join(shared, "agent.sock");
    const other = createServer();
    await new Promise<void>((listening) => other.listen(foreign, listening));
    try {
      await chown(foreign, 12_345, 0);
      assert.match(distrust(foreign), /belongs to user 12345/);
      assert.equal(distrust(foreign, 12_345), "");
      await chown(foreign, 0, 0);
      await chown(shared, 12_345, 0);
      assert.match(distrust(foreign), /belongs to user 12345/);
      await chown(shared, 0, 0);
      const link = join(folder, "way");
      symlinkSync(shared, link);
      await lchown(link, 12_345, 0);
      assert.match(distrust(join(link, "agent.sock")), /belongs to user 12345/);
    } finally {
      other.close();
    }
  });
});

describe("a guard is not made", () => {
  const empty = join(folder, "empty.token");
  writeFileSync(empty, " \n");
  const two = join(folder, "two.token");
  writeFileSync(two, "gh_a\ngh_b\n");
  const cases = {
    "with a deadline of 0": { deadlineMs: 0 },
    "with a deadline below 0": { deadlineMs: -1 },
    "with a deadline that is no number": { deadlineMs: NaN },
    "without a deadline": { deadlineMs: Infinity },
    "with a token file that is not there": { tokenFile: join(folder, "none") },
    "with an empty token file": { tokenFile: empty },
    "with two tokens": { tokenFile: two },
    "with a user id below 0": { sidecarUid: -1 },
  };
  for (const [name, options] of Object.entries(cases)) {
    test(name, () => assert.throws(() => new Guard({ target: "unix:x/agent.sock", ...options }), InvalidInput));
  }

  test("and no error repeats a token", () => {
    const broken = join(folder, "broken.token");
    writeFileSync(broken, "gh_secret more");
    assert.throws(
      () => new Guard({ target: "unix:x/agent.sock", tokenFile: broken }),
      (error: Error) => !error.message.includes("gh_secret"),
    );
  });
});

describe("an instant of CLOCK_BOOTTIME", () => {
  const SECOND = 1_000_000_000n;
  test("ahead has not passed", () => assert.equal(passed(101n * SECOND, 90n * SECOND, "100.00 1.00\n"), false));
  test("behind has passed", () => assert.equal(passed(99n * SECOND, 90n * SECOND, "100.00 1.00\n"), true));
  test("within what /proc/uptime cuts off has passed", () => {
    assert.equal(passed(100n * SECOND + 9_999_999n, 90n * SECOND, "100.00 1.00\n"), true);
    assert.equal(passed(100n * SECOND + 10_000_001n, 90n * SECOND, "100.00 1.00\n"), false);
  });
  test("before the epoch has passed", () => assert.equal(passed(-1n, 90n * SECOND, "100.00 1.00\n"), true));
  test("has passed where a container shows its own age", () => {
    assert.equal(passed(200n * SECOND, 150n * SECOND, "100.00 1.00\n"), true);
  });
  test("has passed where there is no such clock", () => assert.equal(passed(200n * SECOND, 150n * SECOND, ""), true));
});
