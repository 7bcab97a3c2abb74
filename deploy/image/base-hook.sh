#!/bin/sh
# mmdebstrap runs this with the new root file system, while the files of the packages are still there. It records the packages where scanners
# look for them, and removes what Node and Errand do not use, and all of this machine.
set -eu
root=$1
# Dependencies of the script of ca-certificates, which does not run here.
unused='debconf libssl3t64 libzstd1 mawk openssl openssl-provider-legacy zlib1g'

record_packages() {
  mkdir -p "$root/var/lib/dpkg/status.d"
  for deb in "$root"/var/cache/apt/archives/*.deb; do
    name=$(dpkg-deb -f "$deb" Package)
    case " $unused " in
      *" $name "*) remove_files "$deb" ;;
      *) dpkg-deb -f "$deb" > "$root/var/lib/dpkg/status.d/$name" ;;
    esac
  done
}

remove_unused() {
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt > "$root/etc/ssl/certs/ca-certificates.crt"
  rm -rf "$root"/usr/bin/* "$root"/usr/sbin/*
  for name in base-files bash-completion debconf gcc gdb lintian man perl5 pixmaps; do rm -rf "$root/usr/share/$name"; done
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  find "$root/usr/share/doc" "$root/usr/lib" -type d -empty -delete
}

remove_files() {
  dpkg-deb --fsys-tarfile "$1" | tar -t | while read -r path; do
    if [ -L "$root/$path" ] || [ -f "$root/$path" ]; then rm -f "$root/$path"; fi
  done
}

remove_machine() {
  rm -rf "$root/etc/apt" "$root/var/lib/apt" "$root/var/cache/apt" "$root/var/log/apt"
  # Container engines mount their own files here.
  for name in hostname hosts resolv.conf; do : > "$root/etc/$name"; done
  printf 'root:x:0:0:root:/root:/usr/sbin/nologin\nerrand:x:65532:65532:errand:/tmp:/usr/sbin/nologin\n' > "$root/etc/passwd"
  printf 'root:x:0:\nerrand:x:65532:\n' > "$root/etc/group"
}

record_packages
remove_unused
remove_machine
