#!/bin/sh
# Makes the keys and certificates of the TLS tests anew. They secure nothing and are valid for a hundred years.
set -eu
cd "$(dirname "$0")"

issue() { # name, subject alternative names, CA
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$1" -addext "subjectAltName=$2" |
    openssl x509 -req -days 36500 -copy_extensions copy -CA "$3.crt" -CAkey "$3.key" -out "$1.crt"
}

for ca in ca other-ca; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -keyout $ca.key -out $ca.crt -subj "/CN=$ca"
done
issue server "DNS:localhost,IP:127.0.0.1" ca
issue renewed "DNS:localhost,IP:127.0.0.1" ca
issue client "DNS:scraper.example,URI:spiffe://example/scraper,IP:192.0.2.7,email:ops@example.org" ca
issue stranger "DNS:scraper.example" other-ca
rm ca.key other-ca.key other-ca.crt
