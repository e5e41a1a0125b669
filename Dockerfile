# syntax=docker/dockerfile:1
# The dashboard and the binary are built on the builder's own architecture; only the last stage is
# of the target's, so that an arm64 image needs no emulated compiler.

# npm 11 comes with Node 24.
FROM --platform=$BUILDPLATFORM node:24-alpine AS dashboard
WORKDIR /src/client
COPY client/package.json client/package-lock.json client/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY client/ ./
RUN npm run build

FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS binary
RUN apk add --no-cache libcap-setcap
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=dashboard /src/client/dist client/dist
ARG TARGETOS TARGETARCH
ARG VERSION=dev COMMIT=unknown DATE=
# The capability lets the unprivileged user open port 80 where the container runtime does not
# allow that by itself.
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -tags nomsgpack -trimpath \
      -ldflags "-s -w -X main.version=$VERSION -X main.commit=$COMMIT -X main.buildTime=$DATE" \
      -o /out/wxcomponent . \
 && setcap cap_net_bind_service=+ep /out/wxcomponent

FROM alpine:3.22
RUN apk add --no-cache ca-certificates tzdata \
 && adduser -D -H -u 10001 wxcomponent \
 && install -d -o wxcomponent -g wxcomponent -m 0700 /app/data
COPY --from=binary /out/wxcomponent /usr/local/bin/wxcomponent
WORKDIR /app
USER wxcomponent
ENV PORT=80 DATA_DIR=/app/data
EXPOSE 80
VOLUME /app/data
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["wxcomponent", "healthcheck"]
ENTRYPOINT ["wxcomponent"]
CMD ["serve"]
