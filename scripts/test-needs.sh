#!/usr/bin/env bash
# Installs what the tests drive for real: Chromium, Chinese fonts, Java and Maven (for Elasticsearch), LibreOffice, npm and
# Redis (for NodeBB).
# With root and apt it installs; otherwise it says what to install, and those tests are skipped with that line.
set -euo pipefail
missing=()
have() { command -v "$1" >/dev/null 2>&1; }
have chromium || have google-chrome || missing+=(chromium)
{ have fc-list && fc-list :lang=zh 2>/dev/null | grep -q .; } || missing+=(fonts-noto-cjk fontconfig)
# The browser driver's own node needs it, and a minimal system has it not.
ldconfig -p 2>/dev/null | grep -q 'libatomic\.so\.1' || missing+=(libatomic1)
have java || missing+=(openjdk-17-jre-headless)
have mvn || missing+=(maven)
have soffice || have libreoffice || missing+=(libreoffice-calc-nogui)
have unzip || missing+=(unzip)
have curl || missing+=(curl)
have openssl || missing+=(openssl)
have node || missing+=(nodejs)
have npm || missing+=(npm)
have redis-server || missing+=(redis-server)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && have apt-get; then
  echo "installing for the tests: ${missing[*]}" >&2
  apt-get update -qq >&2
  export RUNLEVEL=1  # the tests start a Redis of their own; none is wanted as a service
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 || {
    # Java's name differs between releases of Debian
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(printf '%s\n' "${missing[@]}" | sed 's/openjdk-17-jre-headless/default-jre-headless/') >&2
  }
else
  echo "some tests will be skipped; to run them install: ${missing[*]}" >&2
fi
