# What the scripts of continuous integration share: a step that is no test program counts as one, and the last line is
# `N passed, N failed` over all of them.
set -uo pipefail

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# step NAME COMMAND...: runs it, and says how it ended.
step() {
  local name=$1
  shift
  if "$@" >"$logs/step" 2>&1; then
    echo "$name: 1 passed, 0 failed" | tee -a "$logs/steps"
  else
    tail -n 40 "$logs/step"
    echo "$name: 0 passed, 1 failed" | tee -a "$logs/steps"
  fi
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  cmake --preset "$preset" && cmake --build --preset "$preset" ${1:+--target "$@"}
}

# add_up N LOG...: the last line, of the steps and of the last lines of logs. It fails where there are not N sums.
add_up() {
  local sums=$1
  shift
  { tail -q -n 1 "$@" </dev/null; sed 's/^.*: //' "$logs/steps"; } | awk -v sums="$sums" '
    /^[0-9]+ passed, [0-9]+ failed$/ { ++found; passed += $1; failed += $3 }
    END {
      if (found < sums) ++failed  # one of them did not come to its end
      printf "%d passed, %d failed\n", passed, failed
      exit failed > 0
    }'
}
