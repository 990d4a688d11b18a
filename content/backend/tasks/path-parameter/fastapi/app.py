# region show
from fastapi import FastAPI
from fastapi.responses import JSONResponse

users = {1: "Ada"}
app = FastAPI()


@app.get("/users/{id}")
def show_user(id: int):
    if id not in users:
        return JSONResponse({"error": "no such user"}, status_code=404)
    return {"id": id, "name": users[id]}
# endregion show


import json
import sys

from fastapi.testclient import TestClient

client = TestClient(app)
for id in sys.argv[1:] or ["1", "7"]:
    answer = client.get(f"/users/{id}")
    print(answer.status_code, json.dumps(answer.json()))
