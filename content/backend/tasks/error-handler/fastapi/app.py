# region show
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()


@app.get("/health")
def health():
    return {"status": "alive"}


@app.get("/bug")
def bug():
    return None.name


@app.exception_handler(404)
def not_found(request: Request, error: Exception):
    return JSONResponse({"error": "not found"}, status_code=404)


@app.exception_handler(Exception)
def internal_error(request: Request, error: Exception):
    return JSONResponse({"error": "internal error"}, status_code=500)
# endregion show


import json

from fastapi.testclient import TestClient

client = TestClient(app, raise_server_exceptions=False)
for url in ["/missing", "/bug", "/health"]:
    answer = client.get(url)
    print(answer.status_code, json.dumps(answer.json()))
