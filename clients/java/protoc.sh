#!/bin/sh
# Runs what writes the Java stubs: `protoc.sh protoc` or `protoc.sh protoc-gen-grpc-java`. Both are published as artifacts,
# one for each platform and without an executable bit, so this brings the one in the version that pom.xml names. buf calls
# this, with the contract on standard input.
set -eu
tool=$1
shift
here=$(dirname "$0")
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x86_64 ;;
  Linux-aarch64) platform=linux-aarch_64 ;;
  Darwin-x86_64) platform=osx-x86_64 ;;
  Darwin-arm64) platform=osx-aarch_64 ;;
  *) echo "there is no $tool for this platform" >&2; exit 1 ;;
esac
mvn -q -B -f "$here" "dependency:copy@$tool" "-Dplatform=$platform" >&2 </dev/null
chmod +x "$here/target/$tool/$tool"
exec "$here/target/$tool/$tool" "$@"
