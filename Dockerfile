# Vitrine in a container: the server, the runner with Debian 12's CPython and
# numpy, and the page.  No compiler, no shell of ours, not root, and nothing is
# written outside of memory: `--read-only` and `--cap-drop=all` are fine.
#
#   docker build -t vitrine .            (more CPythons: --build-arg RUNTIMES="3.13 3.14")
#   docker run -p 127.0.0.1:8080:8080 vitrine \
#       serve --listen 0.0.0.0:8080 --anonymous
#
# The jail makes namespaces inside the container.  Docker's default seccomp
# profile refuses them, podman's does not: without them it needs a kernel from
# 6.12 on, and one snippet runs at a time.  deploy/README.md.

ARG BASE=debian:bookworm-slim

FROM ${BASE} AS build
# Where npm finds further certificate authorities; empty: the usual ones.
ARG NODE_EXTRA_CA_CERTS=
WORKDIR /src
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends make
COPY scripts/deps scripts/deps
COPY web/package.json web/package-lock.json web/
RUN scripts/deps run
COPY . .
# Further runtimes (docs/runtimes.md), with blanks between; they need namespaces.
ARG RUNTIMES=
RUN for id in $RUNTIMES; do make "runtime-$id" || exit 1; done
RUN make -j2 all \
    && for id in $RUNTIMES; do \
        install -D -t "/out/opt/vitrine/runtimes/$id" "build/runtimes/$id/runner" \
        && cp -a "build/runtimes/$id/root" "/out/opt/vitrine/runtimes/$id/" || exit 1; \
    done \
    && install -D -t /out/opt/vitrine build/vitrine build/runner-3.11 \
    && cp -r build/web /out/opt/vitrine/ \
    && install -D -t /out/opt/vitrine deploy/healthcheck \
    && strip --strip-unneeded /out/opt/vitrine/vitrine /out/opt/vitrine/runner-3.11

FROM ${BASE}
ARG VERSION=dev
ARG REVISION=
LABEL org.opencontainers.image.title="Vitrine" \
      org.opencontainers.image.description="Runs Python snippets and shows what CPython did" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends \
        libmicrohttpd12 libjansson4 libnettle8 libseccomp2 libpython3.11 python3.11 python3-numpy \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/doc/* \
    && groupadd --gid 10001 vitrine \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir / --shell /usr/sbin/nologin vitrine
# A tmpfs can be mounted here for runs, where a runtime refuses namespaces, as
# Docker's own profile does: see deploy/README.md.
RUN install -d -m 1777 /box
# A volume can be mounted here, for `serve --links /var/lib/vitrine/links`.
RUN install -d -m 700 -o vitrine -g vitrine /var/lib/vitrine/links
COPY --from=build /out/ /
ENV VITRINE_LISTEN=127.0.0.1:8080
EXPOSE 8080
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 \
    CMD ["/opt/vitrine/healthcheck"]
ENTRYPOINT ["/opt/vitrine/vitrine"]
CMD ["serve"]
