#!/bin/sh
# `ml4` in the image. Each file /run/secrets/NAME becomes the variable NAME, so that no secret needs
# to stand in the container's settings.
for file in /run/secrets/*; do
  [ -f "$file" ] && export "$(basename "$file")=$(cat "$file")"
done
export ML4_GIT_COMMIT="${ML4_GIT_COMMIT:-$(cat /app/commit)}"
exec node /app/tasks/bin/ml4.js "$@"
