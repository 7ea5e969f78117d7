# Makes the host, once: the data volume, the release, the services. Before it stand the values of
# the stack, in /etc/askbucket-qdrant, and the files of this folder.
set -euo pipefail
. /etc/askbucket-qdrant
dnf -q -y install tar jq xfsprogs aws-cfn-bootstrap

device=/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME/-/}
for _ in {1..60}; do
  [[ -e $device ]] && break
  # The host before this one may hold the volume yet: it lets go when it has shut down.
  aws ec2 attach-volume --volume-id "$VOLUME" --instance-id "$(imds instance-id)" \
    --device /dev/sdf || true
  sleep 5
done
# Without -f mkfs leaves alone a volume that has a file system.
blkid "$device" || mkfs.xfs -q "$device"
mkdir -p /var/lib/qdrant
echo "$device /var/lib/qdrant xfs noatime,nofail 0 2" >>/etc/fstab
mount /var/lib/qdrant
xfs_growfs /var/lib/qdrant

# A fixed number, for the files outlive the host.
groupadd --gid 6333 qdrant
useradd --uid 6333 --gid 6333 --home-dir /var/lib/qdrant --shell /sbin/nologin qdrant
chown qdrant:qdrant /var/lib/qdrant

cd "$(mktemp -d)"
curl -fsSL --proto '=https' --retry 5 -o qdrant.tar.gz "$RELEASE"
echo "$CHECKSUM  qdrant.tar.gz" | sha256sum --check --strict
tar -xzf qdrant.tar.gz qdrant
install -m 755 qdrant /usr/local/bin/qdrant

systemctl daemon-reload
systemctl enable --now qdrant-key.service qdrant.service qdrant-register.service \
  qdrant-snapshot.timer
