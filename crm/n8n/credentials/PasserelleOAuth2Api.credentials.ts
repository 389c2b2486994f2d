import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Every scope that the nodes use: `components.securitySchemes.oauth` of openapi.yaml. */
const SCOPES = [
	'passerelle/bookings.read',
	'passerelle/bookings.write',
	'passerelle/catalog.read',
	'passerelle/orders.read',
	'passerelle/orders.write',
	'passerelle/esims.read',
	'passerelle/esims.write',
	'passerelle/links.write',
	'passerelle/webhooks.write',
	'passerelle/exports.read',
	'passerelle/health.read',
];

/** OAuth 2.0 client credentials. The agency is known by its client, so nothing else has to be said. */
export class PasserelleOAuth2Api implements ICredentialType {
	name = 'passerelleOAuth2Api';

	extends = ['oAuth2Api'];

	displayName = 'Passerelle OAuth2 API';

	icon: Icon = { light: 'file:../icons/passerelle.svg', dark: 'file:../icons/passerelle.dark.svg' };

	documentationUrl =
		'https://github.com/passerelle-esim/passerelle/tree/main/crm/n8n?tab=readme-ov-file#credentials';

	properties: INodeProperties[] = [
		{
			displayName: 'API URL',
			name: 'apiUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'https://api.passerelle.example/v1',
			description: 'The output ApiUrl of the deployment',
		},
		{ displayName: 'Grant Type', name: 'grantType', type: 'hidden', default: 'clientCredentials' },
		{
			displayName: 'Access Token URL',
			name: 'accessTokenUrl',
			type: 'string',
			required: true,
			default: '',
			placeholder: 'https://auth.passerelle.example/oauth2/token',
			description: 'The output TokenUrl of the deployment',
		},
		{
			displayName: 'Scope',
			name: 'scope',
			type: 'string',
			default: SCOPES.join(' '),
			description:
				'Take out what this client was not given: a token is refused whole when one scope is missing',
		},
		{
			displayName: 'Auth URI Query Parameters',
			name: 'authQueryParameters',
			type: 'hidden',
			default: '',
		},
		{ displayName: 'Authentication', name: 'authentication', type: 'hidden', default: 'header' },
	];
}
