# The server and the worker are one image; the command decides which (docs/development/deployment.md).
# `production` holds what runs; `development` adds the tests and what they need.

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VIRTUAL_ENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH
WORKDIR /app
RUN useradd --uid 10001 --user-group --home-dir /app --no-create-home --shell /usr/sbin/nologin nexa

FROM base AS dependencies
RUN python -m venv "$VIRTUAL_ENV"
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements.lock

FROM dependencies AS development-dependencies
COPY requirements-dev.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock

FROM base AS runtime
# Where a volume for uploaded files belongs, unless STORAGE_URL names a bucket.
RUN install -d -o nexa -g nexa /var/lib/nexa/files
ENV HOST=0.0.0.0 \
    PORT=8000 \
    STORAGE_URL=file:///var/lib/nexa/files \
    LOG_FORMAT=json
EXPOSE 8000
STOPSIGNAL SIGTERM
# A server drains for up to 20 s and uvicorn then waits up to 10 s: give it 40 s to stop (`docker stop --time 40`).
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/health/live\", timeout=2)"]
CMD ["python", "-m", "server", "run"]

FROM runtime AS development
COPY --from=development-dependencies /opt/venv /opt/venv
COPY --chown=nexa:nexa . .
# The tests keep their engines and caches in the folder itself.
RUN chown nexa:nexa /app
USER 10001:10001

# The last stage is what `docker build .` makes.
FROM runtime AS production
# Strict: it refuses default secrets and emulators, migrates nothing by itself, and has no demo accounts.
ENV ENVIRONMENT=production
COPY --from=dependencies /opt/venv /opt/venv
COPY clients clients
COPY handlers handlers
COPY models models
COPY server server
COPY workers workers
USER 10001:10001
