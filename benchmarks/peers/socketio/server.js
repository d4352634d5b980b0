// Socket.IO rooms as its documentation shows them: join, then broadcast to the room's others.
// Run: node server.js PORT
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"] });

io.on("connection", (socket) => {
  socket.on("join", (room, acknowledge) => {
    socket.join(room);
    acknowledge();
  });
  socket.on("message", (text) => {
    for (const room of socket.rooms) {
      if (room !== socket.id) socket.to(room).emit("message", text);
    }
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
