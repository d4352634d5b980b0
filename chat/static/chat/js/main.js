import { browserSurroundings, browserTab } from "./browser-surroundings.js";
import { ChatClient } from "./client.js";
import { readPageData } from "./page-data.js";
import { RoomPage } from "./room-page.js";

const data = readPageData();
const surroundings = browserSurroundings();
const client = new ChatClient(surroundings, data);
new RoomPage(client, surroundings, browserTab(), data).open();
client.connect();
