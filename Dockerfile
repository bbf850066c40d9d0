# One image for the server, the migrations and the commands. Build: docker build -t rahim-online .

# 1. Packages of the running shop only: the embedded servers, drizzle-kit and the test tools are development packages and stay out.
FROM oven/bun:1.4.5-slim AS packages
WORKDIR /shop
COPY package.json bun.lock bunfig.toml ./
COPY patches ./patches
RUN ["bun", "install", "--frozen-lockfile", "--production", "--ignore-scripts"]

# 2. Style sheet, scripts and pictures, with the development packages that build them.
FROM oven/bun:1.4.5-slim AS assets
WORKDIR /shop
COPY package.json bun.lock bunfig.toml tsconfig.json ./
COPY patches ./patches
RUN ["bun", "install", "--frozen-lockfile", "--ignore-scripts"]
COPY src ./src
COPY public ./public
RUN ["bun", "run", "build"]

# 3. The shop. The base has no shell and no package manager; it runs as a user without rights.
FROM oven/bun:1.4.5-distroless
WORKDIR /shop
ENV NODE_ENV=production PORT=3000 DATA_DIR=/tmp/shop
COPY --from=packages /shop/node_modules ./node_modules
COPY package.json bunfig.toml tsconfig.json ./
COPY drizzle ./drizzle
COPY src ./src
COPY --from=assets /shop/public ./public
USER 65532:65532
EXPOSE 3000
# It asks no dependency, so a lost database restarts nothing.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["/usr/local/bin/bun", "-e", "const answer = await fetch('http://127.0.0.1:' + (process.env.PORT ?? 3000) + '/healthz'); process.exit(answer.ok ? 0 : 1)"]
ENTRYPOINT ["/usr/local/bin/bun"]
CMD ["src/server.ts"]
