/** Stand-ins for what lies below and above the services, for tests. */
package io.arrowraft.server.fakes;
