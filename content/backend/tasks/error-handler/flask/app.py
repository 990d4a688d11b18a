# region show
from flask import Flask

app = Flask(__name__)


@app.get("/health")
def health():
    return {"status": "alive"}


@app.get("/bug")
def bug():
    return None.name


@app.errorhandler(404)
def not_found(error):
    return {"error": "not found"}, 404


@app.errorhandler(500)
def internal_error(error):
    return {"error": "internal error"}, 500
# endregion show


import json
import logging

logging.disable(logging.CRITICAL)
client = app.test_client()
for url in ["/missing", "/bug", "/health"]:
    answer = client.get(url)
    print(answer.status_code, json.dumps(answer.json))
