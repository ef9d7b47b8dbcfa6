import { describe, expect, test } from '@jest/globals';
import { orgForEachTest } from '../an-org.ts';

const simulated = orgForEachTest({ accounts: 2, contacts: 3 });
const { admin } = simulated;

describe('records', () => {
  test('are created, listed, changed and deleted as the admin user', async () => {
    const created = await admin('POST', '/records/Contact', { LastName: 'Hand-made' });
    const { id } = created.body;
    await admin('PATCH', `/records/Contact/${id}`, { Title: 'Changed' });
    const listed = await admin('GET', `/records/Contact?where=${encodeURIComponent("Title = 'Changed'")}`);
    const refused = await admin('PATCH', `/records/Contact/${id}`, { LastName: '' });
    await admin('DELETE', `/records/Contact/${id}`);
    const gone = await admin('PATCH', `/records/Contact/${id}`, { Title: 'x' });

    expect(listed.body).toMatchObject([{ Id: id, LastModifiedById: simulated.org.users.admin.id }]);
    expect([refused.status, gone.status]).toEqual([400, 404]);
    expect(simulated.org.requests.counts().rows).toMatchObject({ created: 0, updated: 0, deleted: 0 });
  });

  test('are shown on a page that escapes what they hold', async () => {
    simulated.org.insert('Contact', { LastName: '<img src=x onerror=alert(1)>', Email: 'x@example.com' });

    const home = await admin('GET', '/?q=%3Cimg');
    const nothing = await admin('GET', "/?q=%25'%5C");

    expect(home.body).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(home.body).not.toContain('<img');
    expect(nothing.status).toBe(200);
  });

  test('are edited by a form that writes only what was changed in it', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Form', Title: 'Old', Opted_In__c: true });
    const page = await admin('GET', `/edit/Contact/${id}`);
    simulated.org.update('Contact', id, { Department: 'Changed meanwhile' });
    const form = new URLSearchParams({
      LastName: 'Form',
      'was.LastName': 'Form',
      Title: 'New',
      'was.Title': 'Old',
    });
    form.append('Department', '');
    form.append('was.Department', '');

    const saved = await admin('POST', `/edit/Contact/${id}`, form);

    expect(page.body).toContain('name="was.Title" value="Old"');
    expect(saved.status).toBe(303);
    expect(simulated.org.select(`SELECT Title, Department FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { Title: 'New', Department: 'Changed meanwhile' },
    ]);
  });

  test('are found by their id in either length', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Needle' });

    const pages = [await admin('GET', `/?q=${id}`), await admin('GET', `/?q=${id.slice(0, 15)}`)];

    for (const { body } of pages) expect(body.match(/href="\/edit\/Contact\/003\w+"/g)).toHaveLength(1);
  });

  test('are edited in fields that hold exactly what was stored', async () => {
    const Title = `"><script>alert('x')</script>&amp;`;
    const id = simulated.org.insert('Contact', { LastName: 'x', Title, Description: '</textarea><b>' });

    const { body } = await admin('GET', `/edit/Contact/${id}`);

    expect(body).not.toMatch(/<script|<\/textarea><b>/);
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;';
    expect(body).toContain(`name="Title" value="${escaped}"`);
  });

  test('that are refused come back with the reason and what was entered', async () => {
    const id = simulated.org.insert('Contact', { LastName: 'Kept', Email: 'kept@example.com' });
    const form = new URLSearchParams({ Email: '<no address>', 'was.Email': 'kept@example.com' });

    const refused = await admin('POST', `/edit/Contact/${id}`, form);
    const refusedNew = await admin('POST', '/edit/Contact/new', new URLSearchParams({ Title: 'Nameless' }));

    expect([refused.status, refusedNew.status]).toEqual([400, 400]);
    expect(refused.body).toContain('invalid email address: &lt;no address&gt;');
    expect(refused.body).toContain('name="Email" value="&lt;no address&gt;"');
    expect(refused.body).toContain('name="was.Email" value="kept@example.com"');
    expect(refusedNew.body).toContain('name="Title" value="Nameless"');
    expect(simulated.org.select(`SELECT Email FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { Email: 'kept@example.com' },
    ]);
  });

  test('are created and deleted from the page', async () => {
    const created = await admin('POST', '/edit/Account/new', new URLSearchParams({ Name: 'By hand' }));
    const address = created.headers.get('location') ?? '';
    const deleted = await admin('POST', address, new URLSearchParams({ action: 'delete' }));
    const gone = await admin('GET', address);
    const malformed = await admin('GET', '/edit/Account/nothing');

    expect(address).toMatch(/^\/edit\/Account\/001\w{15}$/);
    expect([created.status, deleted.status, gone.status, malformed.status]).toEqual([303, 303, 404, 404]);
    expect(malformed.body).toContain('There is no such record');
  });

  test('of every writable object are listed and searched by their name', async () => {
    const id = simulated.org.insert('Task', { Subject: 'Call back' });
    simulated.org.insert('Task', { Status: 'Completed' });

    const found = await admin('GET', '/?type=Task&q=call');
    const all = await admin('GET', '/?type=Task');
    const unknown = await admin('GET', '/?type=constructor');

    expect(found.body.match(/href="\/edit\/Task\/00T\w+"/g)).toEqual([`href="/edit/Task/${id}"`]);
    expect(all.body.match(/href="\/edit\/Task\/00T\w+"/g)).toHaveLength(2);
    expect(unknown.body).toContain('New Contact');
  });

  test('that are new cannot be deleted yet', async () => {
    const [{ body: fresh }, { body: known }] = [
      await admin('GET', '/edit/Contact/new'),
      await admin('GET', `/edit/Contact/${simulated.org.insert('Contact', { LastName: 'x' })}`),
    ];

    expect([fresh, known].map((body) => body.includes('value="delete"'))).toEqual([false, true]);
    expect(fresh).toContain('<h1>New Contact</h1>');
  });
});
