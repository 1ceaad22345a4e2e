# Runs in a short-lived container of the mail server's image, with the volume as its working
# directory. New contents already lie in .mailstack/incoming: a rename puts each into its place,
# so that a crash leaves the old or the new file, never half of one.
# Arguments: any number of "put NUMBER PATH MODE OWNER" and "remove PATH"; OWNER may be empty.
set -eu
umask 022

while [ "$#" -gt 0 ]; do
  case "$1" in
    put)
      from=".mailstack/incoming/$2" to="./$3" mode="$4" owner="$5"
      shift 5
      if [ -d "$to" ]; then
        echo "$to is a directory" >&2
        exit 1
      fi
      mkdir -p "${to%/*}"
      # By name: the number behind it differs between releases of the image.
      if [ -n "$owner" ] && [ "$(id -u)" = 0 ] && id -u "$owner" >/dev/null 2>&1; then
        chown "$(id -u "$owner"):$(id -g "$owner")" "$from"
      fi
      chmod "$mode" "$from"
      mv -f "$from" "$to"
      ;;
    remove)
      file="./$2"
      shift 2
      rm -f "$file"
      rmdir -p "${file%/*}" 2>/dev/null || true # directories that are empty now
      ;;
    *)
      echo "unknown step: $1" >&2
      exit 1
      ;;
  esac
done

rm -rf .mailstack
