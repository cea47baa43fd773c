FROM python:3.11-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# What WeasyPrint draws with, and the fonts of official documents.
COPY scripts/fangsong.sh /tmp/
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        fontconfig fonts-noto-cjk fonts-hanazono \
    && /tmp/fangsong.sh \
    && rm -rf /var/lib/apt/lists/* /tmp/fangsong.sh \
    && useradd --system --create-home --home-dir /srv/home --shell /usr/sbin/nologin assistance \
    && install -d -o assistance -m 700 /srv/media

WORKDIR /srv/app
COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# The build settings need no secret, so none can stay behind in a layer of the image.
RUN DJANGO_SETTINGS_MODULE=config.settings.build python manage.py collectstatic --no-input --verbosity 0

USER assistance
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "-c", "deploy/gunicorn.conf.py"]
