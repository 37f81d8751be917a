#!/usr/bin/env bash
# Makes sure that the system's packages are there for what is named on the command line:
#   build   compiler and libraries for the agent, the controller and the command line
#   java    what an agent needs to build and run a Gatling project
#   window  libraries for the desktop app
#   test    what the tests drive: a virtual display, a WebDriver, a browser, network namespaces
#   windows the cross compiler for Windows
# Nothing is done where all is there. On Debian and Ubuntu the rest is installed, as root or by
# sudo; on other systems it is named and this script fails.
set -euo pipefail

# Not on every user's search path.
PATH=$PATH:/usr/sbin:/sbin

names=() packages=()

# need NAME PACKAGE COMMAND…: NAME is there if COMMAND succeeds; Debian has it in PACKAGE.
need() {
  if [[ " ${names[*]-} " == *" $1 "* ]]; then return; fi
  if "${@:3}" >/dev/null 2>&1; then return; fi
  names+=("$1")
  packages+=("$2")
}

has() { command -v "$1"; }
any() { for tool in "$@"; do if has "$tool"; then return 0; fi; done; return 1; }
library() { pkg-config --exists "$1"; }
header() { echo "#include <$1>" | cc -E -; }

# A compiler too, not only a runtime: `java -version` answers for both.
jdk() {
  local java=java
  if [ -n "${JAVA_HOME:-}" ]; then java=$JAVA_HOME/bin/java; fi
  "${java}c" -version && [ "$(java_major "$java")" -ge 17 ]
}
java_major() { "$1" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'; }

need_build() {
  need "a C compiler" build-essential has cc
  # For the probe, which the agent carries.
  need "a JDK, version 17 or later" JDK jdk
  need pkg-config pkg-config has pkg-config
  need git git has git
}

need_java() {
  need "a JDK, version 17 or later" JDK jdk
  need Maven maven has mvn
  need git git has git
}

need_window() {
  if [ "$(uname -s)" != Linux ]; then return; fi
  need pkg-config pkg-config has pkg-config
  need "WebKitGTK 4.1, development files" libwebkit2gtk-4.1-dev library webkit2gtk-4.1
  need "Ayatana AppIndicator, development files" libayatana-appindicator3-dev library ayatana-appindicator3-0.1
  need "D-Bus, development files" libdbus-1-dev library dbus-1
  need "librsvg, development files" librsvg2-dev library librsvg-2.0
  need "libxdo, development files" libxdo-dev header xdo.h
}

need_test() {
  need "WebKitGTK's WebDriver" webkit2gtk-driver has WebKitWebDriver
  need Xvfb xvfb has Xvfb
  need xauth xauth has xauth
  need dbus-run-session dbus has dbus-run-session
  need xwininfo x11-utils has xwininfo
  need "openbox, a window manager" openbox has openbox
  need xdotool xdotool has xdotool
  need "dunst, which shows notifications" dunst has dunst
  need "gio" libglib2.0-bin has gio
  need "GNOME keyring" gnome-keyring has gnome-keyring-daemon
  need Chromium chromium any chromium chromium-browser google-chrome
  need iproute2 iproute2 has ip
  need curl curl has curl
  need jq jq has jq
  need "an ssh client" openssh-client has ssh
  need "dropbear, an ssh server" dropbear-bin has dropbear
  need nftables nftables has nft
}

need_windows() {
  need "the MinGW-w64 cross compiler" gcc-mingw-w64-x86-64 has x86_64-w64-mingw32-gcc
}

for group in "$@"; do
  case $group in
    build | java | window | test | windows) "need_$group" ;;
    *) echo "unknown group of packages: $group" >&2 && exit 2 ;;
  esac
done

if [ ${#names[@]} -eq 0 ]; then exit 0; fi

by_hand() {
  echo "$1 Install these, then try again:" >&2
  printf '    %s\n' "${names[@]}" >&2
  exit 1
}

if ! has apt-get >/dev/null; then
  by_hand "Packages are missing, and only Debian's and Ubuntu's can be installed by this script."
fi
root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! has sudo >/dev/null; then by_hand "Packages are missing, and neither root nor sudo is at hand."; fi
  root=(sudo)
fi

echo "Installing: ${names[*]}"
export DEBIAN_FRONTEND=noninteractive
"${root[@]}" apt-get -q update
for i in "${!packages[@]}"; do
  if [ "${packages[$i]}" != JDK ]; then continue; fi
  # The default JDK of older releases is too old; take the newest long-term one there is.
  for version in 25 21 17; do
    if apt-cache show "openjdk-$version-jdk-headless" >/dev/null 2>&1; then
      packages[i]=openjdk-$version-jdk-headless
      break
    fi
  done
done
"${root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get -q install -y --no-install-recommends "${packages[@]}"
