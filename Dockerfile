# syntax=docker/dockerfile:1
# Two images: `--target api` is the service with its command line, `--target iam` the identity provider for development.
# Node runs the sources. It strips no types below node_modules, so the workspace keeps its layout: the links in node_modules lead
# out of it, to packages/ and apps/.

FROM node:24.21.0-trixie-slim AS sources
WORKDIR /app
COPY . .

FROM sources AS api-files
RUN npx -y pnpm@12.21.0 install --prod --frozen-lockfile --filter "@holdfast/api..." --filter "@holdfast/cli..." --filter "!@holdfast/iam"
# Production has no identity provider for development, not even asleep.
RUN rm -r apps/iam apps/api/node_modules/@holdfast/iam
# A compiler that a library’s types ask for, maps for debuggers, a template of the embedded database: half of the size.
RUN rm -rf node_modules/.cache node_modules/.pnpm/typescript@* node_modules/.pnpm/@typescript+* && find node_modules -name "*.map" -delete
RUN mkdir data

FROM sources AS iam-files
RUN npx -y pnpm@12.21.0 install --prod --frozen-lockfile --filter "@holdfast/iam..."
RUN rm -r apps/api apps/cli drizzle && find node_modules -name "*.map" -delete
RUN mkdir data

# No shell, no package manager; the very Node that the tests run with.
FROM gcr.io/distroless/cc-debian13:nonroot AS runtime
COPY --from=sources /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
USER 65532:65532
ENV HOST=0.0.0.0 DATA_DIR=/data
STOPSIGNAL SIGTERM

FROM runtime AS iam
COPY --from=iam-files /app /app
COPY --from=iam-files --chown=65532:65532 /app/data /data
# It refuses production, and to be reached by others unless that is meant.
ENV NODE_ENV=development EMBEDDED_IDENTITY=1
VOLUME /data
EXPOSE 3100
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3100) + '/iam/.well-known/openid-configuration').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/iam/src/main.ts"]

FROM runtime AS api
COPY --from=api-files /app /app
COPY --from=api-files --chown=65532:65532 /app/data /data
ENV NODE_ENV=production
VOLUME /data
EXPOSE 3000
# Whether it lives, not whether it is ready: a restart brings no database back.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.OPERATIONS_PORT || process.env.PORT || 3000) + '/livez').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "apps/api/src/main.ts"]
