# Runs in the ACME client's container for ever: obtains the certificate, publishes it for the mail
# server, and looks twice a day whether it is due for renewal.
# Arguments: LINEAGE, and those of certbot.
set -u
umask 077

state="${ACME_STATE:-/etc/letsencrypt}" published="${ACME_PUBLISHED:-/srv/published}"
lineage="$1"
shift
folder="$published/$lineage"

# The mail server looks every two seconds: it must see whole files, the key never after its chain.
publish() {
  mkdir -p "$folder" || return
  for file in privkey.pem fullchain.pem; do
    cmp -s "$state/live/$lineage/$file" "$folder/$file" && continue
    cp -L "$state/live/$lineage/$file" "$folder/.$file" && mv -f "$folder/.$file" "$folder/$file" \
      || return
    echo "mailstack-acme: published $file"
  done
}

trap 'exit 0' TERM INT
while :; do
  if certbot "$@" && publish; then
    pause=43200
  else
    # Let's Encrypt takes five failures an hour for a name.
    pause=900
    echo "mailstack-acme: failed; next attempt in $pause s"
  fi
  [ "${ACME_ONCE:-}" ] && exit
  sleep "$pause" &
  wait "$!"
done
