// The chat room of a Koa 2 tutorial: one room, no accounts, nothing stored; what one member says
// is sent to every other. Run: node server.js PORT
import Koa from "koa";
import websockify from "koa-websocket";

const app = websockify(new Koa());
const members = new Set();

app.ws.use((context) => {
  const socket = context.websocket;
  members.add(socket);

  socket.on("message", (message) => {
    const text = message.toString();
    for (const member of members) {
      if (member !== socket) member.send(text);
    }
  });

  socket.on("close", () => members.delete(socket));
});

app.listen(Number(process.argv[2]), "127.0.0.1");
