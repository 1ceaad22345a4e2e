# Runs in a short-lived container of the mail server's image, its working directory holding the
# volumes `mail` and `state`. Arguments: "take NAME" or "drop NAME".
#
# A Maildir message is never changed in place: a hard link keeps it, at once and in no space. All
# else (Dovecot's indexes, other formats' mailboxes, the state) is copied.
set -eu
action="$1" name="$2"

drop() {
  for volume in mail state; do
    rm -rf "$volume/.mailstack/$name" "$volume/.mailstack/$name.part"
    rmdir "$volume/.mailstack" 2>/dev/null || true # others may be in it
  done
}

copy() { # copy OPTION VOLUME TO
  for entry in "$2"/* "$2"/.[!.]* "$2"/..?*; do
    case "$entry" in */.mailstack) continue ;; esac
    if [ -e "$entry" ] || [ -L "$entry" ]; then
      cp "$1" "$entry" "$3/"
    fi
  done
}

drop
if [ "$action" = take ]; then
  trap 'code=$?; [ "$code" = 0 ] || drop; exit "$code"' EXIT
  for volume in mail state; do
    to="$volume/.mailstack/$name.part"
    mkdir -p "$to"
    # docker-mailserver gives all of /var/mail to one user, at each start, if any of it is not his.
    chown "$(stat -c %u:%g "$volume/.")" "$volume/.mailstack" "$to"
    chmod "$(stat -c %a "$volume/.")" "$to"
    chmod 700 "$volume/.mailstack"
  done
  copy -al mail "mail/.mailstack/$name.part"
  find "mail/.mailstack/$name.part" -type f \
    ! -path '*/cur/[0-9]*' ! -path '*/new/[0-9]*' -exec sh -c '
      set -eu
      for file; do
        cp -a "$file" "$file.mailstack"
        mv -f "$file.mailstack" "$file"
      done' sh {} +
  copy -a state "state/.mailstack/$name.part"
  sync
  for volume in mail state; do # a name without .part is a whole snapshot
    mv "$volume/.mailstack/$name.part" "$volume/.mailstack/$name"
  done
fi
