#!/bin/sh
# Everything that this bundle can measure, into a folder of JSON files: ./bench.sh --help
here=$(dirname "$(readlink -f "$0")")
exec "$here/bin/node" "$here/bench.mjs" "$@"
