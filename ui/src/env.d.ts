/** Whether this build is the one inside the app's window. */
declare const __IN_APP__: boolean;
/** How many real photographs the development server lends to the sample journal. */
declare const __PHOTOGRAPHS__: number;
