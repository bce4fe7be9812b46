# Two images from one source. Two containers and not one, so that the panel shares neither capabilities nor processes with
# the helper: `docker compose up` (compose.yaml) runs both.
ARG BUILD_IMAGE=docker.io/library/rust:1-bookworm
ARG BASE_IMAGE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_IMAGE} AS build
# `dev` builds quickly, for trying the images.
ARG PROFILE=release
WORKDIR /portreeve
COPY . .
RUN dpkg-deb --extract "$(packaging/deb.sh ${PROFILE})" /built

FROM ${BASE_IMAGE} AS base
# One number in both images: the helper answers nobody else.
RUN groupadd --system --gid 847 portreeve \
 && useradd --system --uid 847 --gid 847 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin portreeve

FROM base AS helper
# With iptables it reads what Docker keeps in its tables; nft's own list of them isn't whole.
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends iproute2 iptables nftables >/dev/null \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /built/usr/libexec/portreeve/portreeve-helper /usr/libexec/portreeve/
ENTRYPOINT ["/usr/libexec/portreeve/portreeve-helper"]
CMD ["serve"]

FROM base AS panel
COPY --from=build /built/usr/bin/portreeve /usr/bin/
COPY --from=build /built/etc/portreeve/portreeve.toml /etc/portreeve/
RUN install -d -m 0700 -o portreeve -g portreeve /var/lib/portreeve
VOLUME /var/lib/portreeve
USER portreeve
EXPOSE 8470
# Whether it takes connections. https://127.0.0.1:8470/healthz tells more to whoever has a client for TLS.
HEALTHCHECK --interval=30s --timeout=5s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8470"]
ENTRYPOINT ["/usr/bin/portreeve"]
CMD ["serve"]
