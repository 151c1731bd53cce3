// Sends one batch of several kinds of events with mParticle's official Node SDK.
// Usage: node send.cjs BASE_URL KEY SECRET. Exit code 0 where the batch was accepted, 1 where it was not.
'use strict';

const mParticle = require('mparticle');

const [url, key, secret] = process.argv.slice(2);

const batch = new mParticle.Batch(mParticle.Batch.Environment.development);
batch.mpid = 4711;
batch.user_attributes = { 'Favorite-Store': '12', $FirstName: 'Ada' };
const identities = new mParticle.UserIdentities();
identities.customerid = 'c1';
batch.user_identities = identities;

const event = new mParticle.AppEvent(mParticle.AppEvent.CustomEventType.transaction, 'Add To Cart');
event.custom_attributes = { size: 'L', gift: true };
batch.addEvent(event);
const screen = new mParticle.ScreenViewEvent();
screen.screen_name = 'Home';
batch.addEvent(screen);
const start = new mParticle.SessionStartEvent();
start.session_id = 12345678;
batch.addEvent(start);

const api = new mParticle.EventsApi(new mParticle.Configuration(key, secret));
api.apiClient.basePath = url;
api.bulkUploadEvents([batch], (error, _body, response) => {
  const status = response ? response.status : (error && error.status) || 0;
  console.log(JSON.stringify({ status, body: response ? response.text : String(error) }));
  process.exit(error ? 1 : 0);
});
