namespace Winnow.Peer;

/// <summary>Something the user must change; its message is the one line that is printed.</summary>
/// <param name="message">What was found and what to do.</param>
internal sealed class PeerException(string message) : Exception(message);
