#!/usr/bin/env bash
# Derives the app's icons from icons/icon.svg and, for 16 to 24 pixels, icons/icon-small.svg: PNG by
# rsvg-convert, .ico by ImageMagick. The results are checked in; run this after changing a drawing.
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in rsvg-convert convert; do
  command -v "$tool" >/dev/null || {
    echo "$tool is missing: install librsvg2-bin and imagemagick" >&2
    exit 1
  }
done

render() {
  local drawing=icons/icon.svg
  if [ "$1" -lt 32 ]; then drawing=icons/icon-small.svg; fi
  rsvg-convert --width "$1" --height "$1" "$drawing" --output "$2"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

render 32 icons/32x32.png
render 128 icons/128x128.png
render 256 icons/128x128@2x.png
render 512 icons/icon.png

for size in 16 24 32 48 64 256; do render "$size" "$work/$size.png"; done
convert "$work"/{16,24,32,48,64,256}.png icons/icon.ico
