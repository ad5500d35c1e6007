/** A file of the SDK as projects import it. */
export const OWN_SDK = /[\\/]node_modules[\\/]meshwright[\\/](.*)$/;
