/* XMPP over WebSocket (RFC 7395): sign in, bind, enter the room. The seat's secret is what SASL
   PLAIN wants, in base64. */
#include <stdio.h>

#include "dialects.h"
#include "talk.h"
#include "texts.h"

enum xmpp_step { XMPP_OPENED, XMPP_SIGNED_IN, XMPP_BOUND };

static void xmpp_on_open(struct connection *c) {
    send_text(c, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>");
}

static void xmpp_sign_in(struct connection *c) {
    char text[512];
    snprintf(text, sizeof text,
             "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>",
             c->secret);
    send_text(c, text);
}

static void xmpp_enter_room(struct connection *c) {
    char text[256];
    snprintf(text, sizeof text,
             "<presence to='%s/member%d'><x xmlns='http://jabber.org/protocol/muc'>"
             "<history maxstanzas='0'/></x></presence>",
             c->room, c->number);
    send_text(c, text);
}

static void xmpp_join(struct connection *c, const char *text, const char *end) {
    if (after_key(text, end, "<mechanisms")) {
        xmpp_sign_in(c);
    } else if (after_key(text, end, "<success")) {
        c->joining_step = XMPP_SIGNED_IN;
        xmpp_on_open(c);
    } else if (c->joining_step == XMPP_SIGNED_IN && after_key(text, end, "xmpp-bind")) {
        c->joining_step = XMPP_BOUND;
        send_text(c, "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    } else if (c->joining_step == XMPP_BOUND && after_key(text, end, "type='result'")) {
        xmpp_enter_room(c);
    } else if (after_key(text, end, "code='110'")) {
        connection_ready(c);
    }
}

static void xmpp_on_text(struct connection *c, const char *text, size_t length) {
    const char *body = after_key(text, text + length, "<body>");
    if (c->state == JOINING)
        xmpp_join(c, text, text + length);
    else if (body)
        body_arrived(c, body);
    else if (after_key(text, text + length, "type='error'"))
        server_refused(c, text, length);
}

static int xmpp_write_post(char *out, const struct connection *c, const char *body) {
    return snprintf(out, MAX_TEXT,
                    "<message to='%s' type='groupchat' id='%u'><body>%s</body></message>", c->room,
                    c->posted, body);
}

const struct dialect xmpp = {
    .name = "xmpp",
    .path = "/ws",
    .subprotocol = "Sec-WebSocket-Protocol: xmpp\r\n",
    .acknowledges = true,
    .on_open = xmpp_on_open,
    .on_text = xmpp_on_text,
    .write_post = xmpp_write_post,
};
