/** In the user agent of our calls: by it the endpoint tells them from people's. */
export const APP_ID = 'ingress-guard';
