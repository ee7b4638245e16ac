# syntax=docker/dockerfile:1

# Debian, not Alpine: the Temporal SDK's native part needs glibc.
FROM node:22-bookworm-slim AS base
WORKDIR /app
ENV NPM_CONFIG_UPDATE_NOTIFIER=false NPM_CONFIG_FUND=false NPM_CONFIG_AUDIT=false

FROM base AS build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
# What the programs do not need stays out of the image.
RUN npm run build && rm -rf dist/test dist/bench dist/scripts dist/.compiled dist/.bundled dist/.tsbuildinfo

FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev

FROM base
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE NOTICE ./
# The embedded partners keep their state here.
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 8080
# The API; the worker is `node dist/worker.js`, the embedded partners `node dist/connectors/sandbox-host.js`.
CMD ["node", "dist/api/main.js"]
