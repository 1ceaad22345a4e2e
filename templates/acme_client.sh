# Runs in the ACME client's container for ever: obtains the certificate, publishes it for the mail
# server, and looks twice a day whether it is due for renewal.
# Arguments: the folder where certbot keeps the certificate, the one to publish it in, and those of
# certbot.
set -u
umask 077

live="$1" published="$2"
shift 2

# The mail server looks every two seconds: it must see whole files, the key never after its chain.
publish() {
  mkdir -p "$published" || return
  for file in privkey.pem fullchain.pem; do
    cmp -s "$live/$file" "$published/$file" && continue
    cp "$live/$file" "$published/.$file" && mv -f "$published/.$file" "$published/$file" || return
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
  sleep "$pause" &
  wait "$!"
done
