#!/usr/bin/env bash
# Runs the browser tests; installs Chromium (apt) and the two packages of package.json where they are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
install() {
    if [ "$(id -u)" = 0 ]; then apt-get "$@"; else sudo apt-get "$@"; fi
}
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
fc-list 2>/dev/null | grep -qi 'cjk\|jhenghei' || missing+=(fonts-noto-cjk)
if [ ${#missing[@]} -gt 0 ]; then
    install update -qq
    DEBIAN_FRONTEND=noninteractive install install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ -d node_modules/playwright-core ] && [ -d node_modules/axe-core ] ||
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-package-lock --no-audit --no-fund --silent
export COLOFAIR=${COLOFAIR:-${CARGO_TARGET_DIR:-$root/target}/debug/colofair}
[ -x "$COLOFAIR" ] || (cd "$root" && cargo build --quiet)
node --test
